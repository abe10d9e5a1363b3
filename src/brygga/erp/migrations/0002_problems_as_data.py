"""A connection keeps why its last run failed as a code with parameters, no longer as a sentence."""

from django.db import migrations, models


def keep_sentences(apps, schema_editor):
    """What was stored as a sentence stays one: it is a problem in words."""
    connections = apps.get_model("erp", "Connection").objects
    for connection in connections.exclude(failure_sentence=""):
        connection.failure = {"code": "text", "params": {"text": connection.failure_sentence}}
        connection.save(update_fields=["failure"])


class Migration(migrations.Migration):
    dependencies = [("erp", "0001_initial")]

    operations = [
        migrations.RenameField("connection", "failure", "failure_sentence"),
        migrations.AddField("connection", "failure", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(keep_sentences, migrations.RunPython.noop),
        migrations.RemoveField("connection", "failure_sentence"),
    ]
