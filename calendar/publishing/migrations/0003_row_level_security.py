from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("publishing", "0002_initial")]

    operations = [RowLevelSecurity("Delivery", "Part", "Attempt", "Suspension", "QuotaReading")]
