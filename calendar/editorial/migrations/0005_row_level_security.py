from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("editorial", "0004_subtitles")]

    operations = [RowLevelSecurity("SubtitleTrack")]
