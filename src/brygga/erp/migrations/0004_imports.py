import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0003_promises'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='storedplan',
            name='state',
            field=models.CharField(choices=[('making', 'Making'), ('open', 'Open'), ('applying', 'Applying'), ('applied', 'Applied'), ('dropped', 'Dropped')], default='open', max_length=10),
        ),
        migrations.AlterField(
            model_name='planitem',
            name='outcome',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('moved', 'Moved'), ('failed', 'Failed'), ('unchecked', 'Unchecked'), ('skipped', 'Skipped')], default='waiting', max_length=10),
        ),
        migrations.CreateModel(
            name='ImportDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choices', models.JSONField(default=dict)),
                ('rests_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='erp.actormapping')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='erp.job')),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='erp.storedplan')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('erp_key', models.CharField(max_length=200)),
                ('values', models.JSONField(default=dict)),
                ('place', models.PositiveIntegerField(default=0)),
                ('found', models.BooleanField(default=False)),
                ('chosen', models.BooleanField(default=False)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='erp.importdraft')),
            ],
            options={
                'indexes': [models.Index(fields=['draft', 'place'], name='import_row_place')],
                'constraints': [models.UniqueConstraint(fields=('draft', 'erp_key'), name='import_row_once')],
            },
        ),
        migrations.CreateModel(
            name='RememberedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lines', models.JSONField(default=list)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='erp.actormapping')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'actor'), name='remembered_search_once')],
            },
        ),
    ]
