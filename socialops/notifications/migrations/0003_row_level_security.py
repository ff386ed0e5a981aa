from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_initial")]

    operations = [RowLevelSecurity("Notification", "Preference")]
