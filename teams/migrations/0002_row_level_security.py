from django.db import migrations

from socialops.tenancy.operations import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [("teams", "0001_initial")]

    operations = [RowLevelSecurity("Brand", "Channel", "ChannelCredential", "InstanceApp", "Member", "Invitation", "ApiToken", "Role", "Assignment", "OrganizationRight", "BrandRight", "ChannelRight")]
