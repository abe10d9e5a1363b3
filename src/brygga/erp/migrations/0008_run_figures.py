import django.db.models.deletion
from django.db import migrations, models

_PART = 500


def keep_figures(apps, schema_editor):
    """Take the figures of the runs so far from their reports."""
    Run, RunFigure = apps.get_model("erp", "Run"), apps.get_model("erp", "RunFigure")
    known = set(apps.get_model("erp", "Connection").objects.values_list("pk", flat=True))
    after = 0
    while part := list(Run.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "report")[:_PART]):
        after = part[-1][0]
        figures = [RunFigure(run_id=pk, **figure(line, known)) for pk, report in part for line in report]
        RunFigure.objects.bulk_create(one for one in figures if one.changes or one.failures)


def figure(line, known):
    connection = line.get("connection")
    failed = (line.get("failure") or {}).get("code", "busy") != "busy"
    return {
        "connection_id": connection if connection in known else None,
        "changes": sum(line.get(name, 0) for name in ("to_crm", "to_erp", "created")),
        "failures": line.get("failed", 0) + failed,
    }


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_matching'),
    ]

    operations = [
        migrations.CreateModel(
            name='RunFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.PositiveBigIntegerField()),
                ('failures', models.PositiveBigIntegerField()),
                ('connection', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.connection')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='erp.run')),
            ],
        ),
        migrations.RunPython(keep_figures, migrations.RunPython.noop),
    ]
