from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("kpis", "0001_initial")]

    operations = [RowLevelSecurity("PostFigures", "PostSnapshot", "ChannelDay", "ChannelPull")]
