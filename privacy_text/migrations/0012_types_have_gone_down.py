from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0011_types_of_channels"), ("subscriptions", "0005_types_of_channels")]
    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("ChannelType")])]
