from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("editorial", "0001_initial")]

    operations = [RowLevelSecurity("Campaign", "MediaAsset", "Post", "Variant", "Revision", "Approval", "Comment")]
