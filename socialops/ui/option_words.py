"""The words of what only one network has: its settings, their choices, its formats. By name, so that the same thing is called the same on every network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from socialops.networks.options import OFFERED
from socialops.networks.ports import Format, Option, OptionKind
from socialops.networks.translations import OPTION as TRANSLATIONS
from socialops.networks.translations import read_translations
from socialops.ui.languages import language_name

Words = str | Promise
LANGUAGES = "audience_languages"  # its choices are locales
APART = frozenset(  # shown by themselves
    {
        "format",
        "long_text",
        "poll_choices",
        "poll_duration",
        "poll_question",
        "quote",
        "card_links",
        "card_titles",
        "card_descriptions",
    }
)

FORMATS: dict[str, Words] = {
    Format.POST: gettext_lazy("Post in the feed"),
    Format.REEL: gettext_lazy("Reel"),
    Format.STORY: gettext_lazy("Story"),
    Format.DRAFT: gettext_lazy("Draft in the network’s app"),
    Format.POLL: gettext_lazy("Poll"),
    Format.ARTICLE: gettext_lazy("Article"),
    Format.CAROUSEL: gettext_lazy("Carousel of links"),
    Format.LONG: gettext_lazy("Long text"),
    Format.GHOST: gettext_lazy("Ghost post, 24 hours"),
}

# a name’s label, and the help under it
OPTIONS: dict[str, tuple[Words, Words]] = {
    "age_min": (gettext_lazy("Age"), ""),
    "ai_generated": (gettext_lazy("Made with AI"), gettext_lazy("The network shows it to people.")),
    "allow_comments": (gettext_lazy("Allow comments"), ""),
    "allow_duet": (gettext_lazy("Allow duets"), ""),
    "allow_stitch": (gettext_lazy("Allow stitches"), ""),
    "audience": (gettext_lazy("Who can see it"), ""),
    "audience_functions": (gettext_lazy("Only these job functions"), ""),
    "audience_languages": (gettext_lazy("Only people whose language is"), ""),
    "audience_place": (gettext_lazy("Only people in"), ""),
    "audience_seniorities": (gettext_lazy("Only these seniorities"), ""),
    "audience_sizes": (
        gettext_lazy("Only people in companies of"),
        gettext_lazy("The network takes an audience from 300 of your followers on."),
    ),
    "auto_music": (gettext_lazy("Let the network add music"), ""),
    "card_descriptions": (
        gettext_lazy("Descriptions of the cards"),
        gettext_lazy("A price, an offer: about 30 characters are shown. Left empty, the network reads the page."),
    ),
    "card_links": (
        gettext_lazy("Links of the cards"),
        gettext_lazy("One for each picture, in their order. A card without one leads to the publication’s link."),
    ),
    "card_titles": (
        gettext_lazy("Titles of the cards"),
        gettext_lazy("About 35 characters are shown. Left empty, the network takes the title of the page."),
    ),
    "category": (gettext_lazy("Category"), ""),
    "collaborators": (
        gettext_lazy("Collaborators"),
        gettext_lazy("User names, with commas between them. Each is asked by the network."),
    ),
    "community": (
        gettext_lazy("Community"),
        gettext_lazy("Its address. The account must be a member of it; left empty, the post goes to everybody."),
    ),
    "community_share": (
        gettext_lazy("Show it to your followers too"),
        gettext_lazy("Of a post in a community."),
    ),
    "comments_enabled": (gettext_lazy("Allow comments"), ""),
    "content_label": (
        gettext_lazy("Content label"),
        gettext_lazy("What the files show. Readers see them blurred, or not at all, as they have set it."),
    ),
    "countries": (
        gettext_lazy("Only in these countries"),
        gettext_lazy("Codes of two letters, with commas between them: FR, BE. Left empty, everywhere."),
    ),
    "cover_ms": (gettext_lazy("Cover from the video"), gettext_lazy("Milliseconds from the start.")),
    "discloses": (
        gettext_lazy("Promotes a brand, product or service"),
        gettext_lazy("Then say below whose: yours, somebody else’s, or both."),
    ),
    "embeddable": (gettext_lazy("Others may embed it"), ""),
    "extra_tags": (
        gettext_lazy("Hashtags beside the text"),
        gettext_lazy("Found by search, not shown in the text. With commas between them."),
    ),
    "gif": (gettext_lazy("GIF"), gettext_lazy("The address of a GIF on giphy.com.")),
    "license": (gettext_lazy("Licence"), ""),
    "link_description": (gettext_lazy("Description on the link’s card"), ""),
    "link_title": (gettext_lazy("Title on the link’s card"), ""),
    "location": (gettext_lazy("Place"), gettext_lazy("The number of the place’s page.")),
    "long_text": (
        gettext_lazy("Long text"),
        gettext_lazy(
            "It opens under the text of the post. **bold**, *italic*, __underlined__, ~~struck out~~, ==highlighted=="
        ),
    ),
    "made_for_kids": (gettext_lazy("Made for children"), gettext_lazy("The law asks for an answer.")),
    "notify_subscribers": (gettext_lazy("Notify subscribers"), ""),
    "own_brand": (gettext_lazy("Your own brand"), gettext_lazy("The network marks it as promotional content.")),
    "paid_partnership": (gettext_lazy("Paid partnership"), gettext_lazy("Somebody pays or rewards you for it.")),
    "paid_promotion": (gettext_lazy("Contains paid promotion"), ""),
    "playlists": (gettext_lazy("Playlists"), gettext_lazy("The video is added to them once it is up.")),
    "poll_choices": (gettext_lazy("Choices"), ""),
    "poll_duration": (gettext_lazy("Duration of the poll"), ""),
    "poll_hide_totals": (gettext_lazy("Hide the results until the poll ends"), ""),
    "poll_multiple": (gettext_lazy("Several choices allowed"), ""),
    "poll_question": (gettext_lazy("Question"), gettext_lazy("Left empty, the text is the question.")),
    "privacy": (gettext_lazy("Who can see it"), ""),
    "quote": (
        gettext_lazy("Post quoted (address)"),
        gettext_lazy("Somebody’s post, or one of your own, that stands under yours."),
    ),
    "quote_control": (gettext_lazy("Who can quote it"), ""),
    "reply_approvals": (
        gettext_lazy("Approve each reply first"),
        gettext_lazy("Nobody sees a reply before you approve it, here among the mentions or in the app."),
    ),
    "reply_control": (gettext_lazy("Who can reply"), ""),
    "reply_settings": (gettext_lazy("Who can reply"), ""),
    "reshare_allowed": (gettext_lazy("Others may share it"), ""),
    "sensitive": (gettext_lazy("Sensitive media"), gettext_lazy("Blurred until somebody asks to see it.")),
    "share_to_instagram": (
        gettext_lazy("Share it as a story on Instagram too"),
        gettext_lazy("On the Instagram account that belongs to the profile."),
    ),
    "share_to_feed": (gettext_lazy("Show it in the feed too"), ""),
    "spoiler_media": (gettext_lazy("Hide the files"), gettext_lazy("Blurred until a reader asks to see them.")),
    "spoiler_text": (gettext_lazy("Content warning"), gettext_lazy("Shown instead of the text until it is opened.")),
    "subscribers_only": (
        gettext_lazy("For your subscribers only"),
        gettext_lazy("Those who pay for your posts: for accounts that offer subscriptions."),
    ),
    "synthetic_media": (
        gettext_lazy("Altered or synthetic content"),
        gettext_lazy("Realistic pictures or sound that were made or changed by a machine."),
    ),
    "tagged_people": (
        gettext_lazy("People tagged"),
        gettext_lazy(
            "User names of public accounts, with commas between them. In an Instagram carousel: on its first picture."
        ),
    ),
    "tags": (gettext_lazy("Keywords"), gettext_lazy("With commas between them.")),
    "thumb_offset": (
        gettext_lazy("Cover from the video"),
        gettext_lazy("Milliseconds from the start, when no cover is chosen."),
    ),
    "title": (gettext_lazy("Title"), ""),
    "topic_tag": (gettext_lazy("Topic"), ""),
    "translations": (
        gettext_lazy("Title and description in other languages"),
        gettext_lazy("Viewers see them in their own language. Say the language of the publication itself too."),
    ),
    "trial": (
        gettext_lazy("Trial reel"),
        gettext_lazy("First shown to people who don’t follow you."),
    ),
    "visibility": (gettext_lazy("Who can see it"), ""),
}

CHOICES: dict[str, Words] = {
    "accounts_you_follow": gettext_lazy("Accounts you follow"),
    "connections": gettext_lazy("Your connections"),
    "creative_commons": gettext_lazy("Creative Commons, attribution"),
    "everyone": gettext_lazy("Everyone"),
    "five_minutes": gettext_lazy("5 minutes"),
    "followers": gettext_lazy("Your followers"),
    "followers_only": gettext_lazy("Your followers"),
    "following": gettext_lazy("Accounts you follow"),
    "fourteen_days": gettext_lazy("14 days"),
    "friends": gettext_lazy("Friends: followers you follow back"),
    "logged_in": gettext_lazy("Members who are signed in"),
    "mentioned": gettext_lazy("Accounts you mention"),
    "mentioned_only": gettext_lazy("Accounts you mention"),
    "no": gettext_lazy("No"),
    "nobody": gettext_lazy("Nobody"),
    "one_day": gettext_lazy("1 day"),
    "one_hour": gettext_lazy("1 hour"),
    "only_me": gettext_lazy("Only you"),
    "parent_post_author_only": gettext_lazy("Only the author of the post above"),
    "private": gettext_lazy("Private"),
    "public": gettext_lazy("Everyone"),
    "seven_days": gettext_lazy("7 days"),
    "six_hours": gettext_lazy("6 hours"),
    "subscribers": gettext_lazy("Your subscribers"),
    "thirty_minutes": gettext_lazy("30 minutes"),
    "three_days": gettext_lazy("3 days"),
    "twelve_hours": gettext_lazy("12 hours"),
    "unlisted": gettext_lazy("Everyone with the link"),
    "verified": gettext_lazy("Verified accounts"),
    "yes": gettext_lazy("Yes"),
    "youtube": gettext_lazy("YouTube’s standard licence"),
}

# where a choice means something else under one setting
CHOICES_OF: dict[tuple[str, str], Words] = {
    ("trial", "manual"): gettext_lazy("Yes: you share it with your followers later, in the app"),
    ("trial", "performance"): gettext_lazy("Yes: the network shares it with your followers if it does well"),
    ("visibility", "private"): gettext_lazy("Your followers"),
    ("visibility", "unlisted"): gettext_lazy("Everyone, but not in public lists"),
    ("age_min", "13"): gettext_lazy("Everyone"),
    ("age_min", "15"): gettext_lazy("15 years and over"),
    ("age_min", "18"): gettext_lazy("18 years and over"),
    ("age_min", "21"): gettext_lazy("21 years and over"),
    ("age_min", "25"): gettext_lazy("25 years and over"),
    # LinkedIn’s standardized data
    ("audience_functions", "1"): gettext_lazy("Accounting"),
    ("audience_functions", "2"): gettext_lazy("Administration"),
    ("audience_functions", "3"): gettext_lazy("Arts and design"),
    ("audience_functions", "4"): gettext_lazy("Business development"),
    ("audience_functions", "5"): gettext_lazy("Community and social services"),
    ("audience_functions", "6"): gettext_lazy("Consulting"),
    ("audience_functions", "7"): gettext_lazy("Education"),
    ("audience_functions", "8"): gettext_lazy("Engineering"),
    ("audience_functions", "9"): gettext_lazy("Entrepreneurship"),
    ("audience_functions", "10"): gettext_lazy("Finance"),
    ("audience_functions", "11"): gettext_lazy("Healthcare"),
    ("audience_functions", "12"): gettext_lazy("Human resources"),
    ("audience_functions", "13"): gettext_lazy("Information technology"),
    ("audience_functions", "14"): gettext_lazy("Legal"),
    ("audience_functions", "15"): gettext_lazy("Marketing"),
    ("audience_functions", "16"): gettext_lazy("Media and communication"),
    ("audience_functions", "17"): gettext_lazy("Military and protective services"),
    ("audience_functions", "18"): gettext_lazy("Operations"),
    ("audience_functions", "19"): gettext_lazy("Product management"),
    ("audience_functions", "20"): gettext_lazy("Program and project management"),
    ("audience_functions", "21"): gettext_lazy("Purchasing"),
    ("audience_functions", "22"): gettext_lazy("Quality assurance"),
    ("audience_functions", "23"): gettext_lazy("Real estate"),
    ("audience_functions", "24"): gettext_lazy("Research"),
    ("audience_functions", "25"): gettext_lazy("Sales"),
    ("audience_functions", "26"): gettext_lazy("Support"),
    ("audience_seniorities", "1"): gettext_lazy("Unpaid"),
    ("audience_seniorities", "2"): gettext_lazy("In training"),
    ("audience_seniorities", "3"): gettext_lazy("Entry level"),
    ("audience_seniorities", "4"): gettext_lazy("Experienced"),
    ("audience_seniorities", "5"): gettext_lazy("Manager"),
    ("audience_seniorities", "6"): gettext_lazy("Director"),
    ("audience_seniorities", "7"): gettext_lazy("Vice president"),
    ("audience_seniorities", "8"): gettext_lazy("Executive (CEO, CFO…)"),
    ("audience_seniorities", "9"): gettext_lazy("Partner"),
    ("audience_seniorities", "10"): gettext_lazy("Owner"),
    ("audience_sizes", "SIZE_1"): gettext_lazy("1 person"),
    ("audience_sizes", "SIZE_2_TO_10"): gettext_lazy("2 to 10 people"),
    ("audience_sizes", "SIZE_11_TO_50"): gettext_lazy("11 to 50 people"),
    ("audience_sizes", "SIZE_51_TO_200"): gettext_lazy("51 to 200 people"),
    ("audience_sizes", "SIZE_201_TO_500"): gettext_lazy("201 to 500 people"),
    ("audience_sizes", "SIZE_501_TO_1000"): gettext_lazy("501 to 1,000 people"),
    ("audience_sizes", "SIZE_1001_TO_5000"): gettext_lazy("1,001 to 5,000 people"),
    ("audience_sizes", "SIZE_5001_TO_10000"): gettext_lazy("5,001 to 10,000 people"),
    ("audience_sizes", "SIZE_10001_OR_MORE"): gettext_lazy("more than 10,000 people"),
    # com.atproto.label.defs#labelValue
    ("content_label", "none"): pgettext_lazy("content label", "None"),
    ("content_label", "sexual"): gettext_lazy("Suggestive"),
    ("content_label", "nudity"): gettext_lazy("Nudity, not sexual"),
    ("content_label", "porn"): gettext_lazy("Pornography"),
    ("content_label", "graphic-media"): gettext_lazy("Graphic: violence or blood"),
    # https://developers.google.com/youtube/v3/docs/videoCategories, those that can be assigned
    ("category", "1"): gettext_lazy("Film and animation"),
    ("category", "2"): gettext_lazy("Cars and vehicles"),
    ("category", "10"): gettext_lazy("Music"),
    ("category", "15"): gettext_lazy("Pets and animals"),
    ("category", "17"): gettext_lazy("Sports"),
    ("category", "19"): gettext_lazy("Travel and events"),
    ("category", "20"): gettext_lazy("Gaming"),
    ("category", "22"): gettext_lazy("People and blogs"),
    ("category", "23"): gettext_lazy("Comedy"),
    ("category", "24"): gettext_lazy("Entertainment"),
    ("category", "25"): gettext_lazy("News and politics"),
    ("category", "26"): gettext_lazy("How-to and style"),
    ("category", "27"): gettext_lazy("Education"),
    ("category", "28"): gettext_lazy("Science and technology"),
    ("category", "29"): gettext_lazy("Non-profits and activism"),
}


PLACES = ("location", "audience_place")  # a number for the network, then the name


def label_of(name: str) -> str:
    """How a setting is called; a name that has no words yet, made readable."""
    return str(OPTIONS[name][0]) if name in OPTIONS else _readable(name)


def help_of(name: str) -> str:
    return str(OPTIONS[name][1]) if name in OPTIONS else ""


def choice_of(name: str, choice: str) -> str:
    """How a choice of a setting is called; a language by its own name."""
    if name == LANGUAGES:
        return language_name(choice.partition("_")[0])
    found = CHOICES_OF.get((name, choice)) or CHOICES.get(choice)
    return str(found) if found else _readable(choice)


def choice_in(option: Option, choice: str) -> str:
    """The same, by the network's own word where it gives one in the reader's language."""
    everywhere = option.names.get("", {})
    own = option.names.get((get_language() or "").partition("-")[0], everywhere).get(choice)
    return own or choice_of(option.name, choice)


def format_of(form: str) -> str:
    return str(FORMATS.get(form, _readable(form)))


def without_words(option: Option) -> list[str]:
    """What of a setting has no words here: its name, or name=choice."""
    missing = [] if option.name in OPTIONS else [option.name]
    if option.kind in (OptionKind.CHOICE, OptionKind.CHOICES) and option.name != LANGUAGES:
        missing += [
            f"{option.name}={c}" for c in option.choices if c not in CHOICES and (option.name, c) not in CHOICES_OF
        ]
    return missing


def said(name: str, value: object, option: Option | None = None) -> str:
    """A chosen value, for people."""
    if option is not None and option.kind == OptionKind.CHOICE and value in option.choices:
        return choice_in(option, str(value))
    if option is not None and option.kind in OFFERED and isinstance(value, list | tuple):
        return ", ".join(
            choice_in(option, str(choice)) if choice in option.choices else str(choice) for choice in value
        )
    if name in PLACES:
        number, _space, words = str(value).partition(" ")
        return words if number.isdecimal() and words else str(value)  # the number is for the network
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    known = isinstance(value, str) and (value in CHOICES or (name, value) in CHOICES_OF)
    return choice_of(name, str(value)) if known else str(value)


def chosen_words(known: Sequence[Option], options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of what differs from the network's usual choices, for whoever reads what goes out or went out."""
    by_name = {option.name: option for option in known}
    usual = {name: option.default for name, option in by_name.items()}
    found: list[tuple[str, str]] = []
    for name, value in options.items():
        if name in APART or value == usual.get(name) or (value is False and not usual.get(name)):
            continue
        if name == TRANSLATIONS:
            told = [(one, language_name(one.language).capitalize()) for one in read_translations(value)]
            found += [(language, "\n".join(filter(None, (one.title, one.text)))) for one, language in told]
        else:
            found.append((label_of(name), said(name, value, by_name.get(name))))
    return found


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()
