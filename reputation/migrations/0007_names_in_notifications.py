"""Notifications that named the author of a mention: they outlive what the networks let be kept."""

from django.db import migrations

FORGET = """
    SELECT set_config('socialops.system', 'on', true);
    UPDATE notifications_notification SET params = params - 'author' WHERE kind = 'mention.action_failed';
    SELECT set_config('socialops.system', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("reputation", "0006_retention"), ("notifications", "0003_row_level_security")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
