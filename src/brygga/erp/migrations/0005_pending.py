import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0004_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PendingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_type', models.CharField(max_length=20)),
                ('record_id', models.BigIntegerField()),
                ('action', models.CharField(choices=[('connect', 'Connect'), ('create', 'Create'), ('disconnect', 'Disconnect')], max_length=10)),
                ('actor_type', models.CharField(max_length=20)),
                ('erp_key', models.CharField(blank=True, default='', max_length=200)),
                ('actor_name', models.TextField(blank=True, default='')),
                ('chosen', models.JSONField(default=dict)),
                ('answers', models.JSONField(default=dict)),
                ('seen', models.JSONField(default=dict)),
                ('summary', models.JSONField(default=list)),
                ('problem', models.JSONField(default=dict)),
                ('token', models.UUIDField(default=uuid.uuid4)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='erp.connection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'record_type', 'record_id', 'connection'), name='pending_change_once')],
            },
        ),
    ]
