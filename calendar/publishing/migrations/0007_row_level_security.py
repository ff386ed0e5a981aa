from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("publishing", "0006_usage")]

    operations = [RowLevelSecurity("Usage", "Budget")]
