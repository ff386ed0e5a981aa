"""Search that ignores accents: two text search configurations and the function behind Mention.search."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

# unaccent is a trusted extension: the database's owner may create it. As a filtering dictionary it folds é to e and œ to oe before the
# stemmer sees the word, alike in text and query. The stemmers carry no stop words: people look for "pas content".
CONFIGURATIONS = [
    """
    CREATE TEXT SEARCH DICTIONARY reputation_{language}_stem (TEMPLATE = pg_catalog.snowball, Language = {language});
    CREATE TEXT SEARCH CONFIGURATION reputation_{language} (COPY = pg_catalog.simple);
    ALTER TEXT SEARCH CONFIGURATION reputation_{language}
        ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
        WITH unaccent, reputation_{language}_stem;
    """.format(language=language)
    for language in ("french", "english")
]
# A handle is found whole and by its parts (@marie@mastodon.social, marie, mastodon).
WORDS = """
    CREATE FUNCTION reputation_words(text text, name text, handle text, language text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector(
        CASE WHEN language = 'en' THEN 'reputation_english'::regconfig ELSE 'reputation_french'::regconfig END,
        text || ' ' || name || ' ' || handle || ' ' || translate(handle, '@._-', '    ')
    )
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("teams", "0002_row_level_security"), ("publishing", "0003_row_level_security")]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(
            CONFIGURATIONS,
            [
                f"DROP TEXT SEARCH CONFIGURATION reputation_{language}; DROP TEXT SEARCH DICTIONARY reputation_{language}_stem"
                for language in ("french", "english")
            ],
        ),
        migrations.RunSQL(WORDS, "DROP FUNCTION reputation_words(text, text, text, text)"),
    ]
