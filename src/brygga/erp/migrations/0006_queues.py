import django.db.models.deletion
from django.db import migrations, models

TO_QUEUE = """
INSERT INTO erp_waitinglink (link_id, connection_id, version, retry_at)
SELECT id, connection_id, crm_dirty, retry_at FROM erp_link WHERE crm_dirty IS NOT NULL"""
FROM_QUEUE = """
UPDATE erp_link SET crm_dirty = mark.version, retry_at = mark.retry_at
FROM erp_waitinglink AS mark WHERE mark.link_id = erp_link.id"""


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0005_pending'),
    ]

    operations = [
        migrations.CreateModel(
            name='WaitingLink',
            fields=[
                ('link', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='waiting', serialize=False, to='erp.link')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='erp.connection')),
                ('version', models.BigIntegerField()),
                ('retry_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['connection', 'link'], name='waiting_link_next')],
            },
        ),
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run_id', models.BigIntegerField()),
                ('writes', models.JSONField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='erp.connection')),
            ],
        ),
        migrations.RunSQL(TO_QUEUE, FROM_QUEUE),
        migrations.RemoveIndex(model_name='link', name='link_dirty'),
        migrations.RemoveField(model_name='link', name='crm_dirty'),
        migrations.RemoveField(model_name='link', name='retry_at'),
    ]
