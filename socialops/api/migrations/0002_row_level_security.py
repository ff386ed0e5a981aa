from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [RowLevelSecurity("IdempotentAnswer")]
