"""The first tables: runs, their recordings, snippets."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import playground.models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=playground.models.new_run_id,
                        editable=False,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64)),
                ("visitor", models.CharField(blank=True, editable=False, max_length=64)),
                ("code", models.TextField()),
                ("device", models.CharField(max_length=8)),
                ("seed", models.BigIntegerField(blank=True, null=True)),
                ("params", models.JSONField(decoder=playground.models.Numbers, default=dict)),
                ("status", models.CharField(db_index=True, default="queued", max_length=12)),
                ("process", models.CharField(editable=False, max_length=200)),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("ended", models.DateTimeField(blank=True, null=True)),
                ("result", models.BinaryField(default=b"")),
            ],
            options={
                "ordering": ["-created"],
            },
        ),
        migrations.CreateModel(
            name="Recording",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="playground.run",
                    ),
                ),
                ("events", models.BinaryField()),
                ("tensors", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Snippet",
            fields=[
                ("slug", models.CharField(editable=False, max_length=16, primary_key=True, serialize=False)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("description", models.TextField(blank=True)),
                ("code", models.TextField()),
                ("device", models.CharField(default="auto", max_length=8)),
                ("seed", models.BigIntegerField(blank=True, null=True)),
                ("params", models.JSONField(blank=True, decoder=playground.models.Numbers, default=dict)),
                ("view", models.JSONField(blank=True, default=dict)),
                ("edit_token_hash", models.CharField(editable=False, max_length=64)),
                ("visitor", models.CharField(blank=True, editable=False, max_length=64)),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="playground.snippet",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snippets",
                        to="playground.run",
                    ),
                ),
            ],
            options={
                "ordering": ["-created"],
            },
        ),
    ]
