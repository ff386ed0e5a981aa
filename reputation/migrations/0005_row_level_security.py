from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("reputation", "0004_replies")]

    operations = [RowLevelSecurity("Reply")]
