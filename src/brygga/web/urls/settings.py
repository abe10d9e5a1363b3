"""Users, groups, lists, user-defined fields, and one's own profile (behaviour C3, C4)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import (
    profile,
    settings_fields,
    settings_groups,
    settings_items,
    settings_lists,
    settings_users,
)

_USERS = [
    path("settings/users", settings_users.users, name="settings_users"),
    path("settings/users/new", settings_users.add, name="settings_user_add"),
    path("settings/users/<int:user_id>", settings_users.change, name="settings_user"),
    path("settings/users/<int:user_id>/password", settings_users.password, name="settings_user_password"),
    path("settings/users/groups", settings_groups.groups, name="settings_groups"),
    path("settings/users/groups/new", settings_groups.add, name="settings_group_add"),
    path("settings/users/groups/rank", settings_groups.rank, name="settings_group_rank"),
    path("settings/users/groups/<int:group_id>", settings_groups.rename, name="settings_group"),
    path("settings/users/groups/<int:group_id>/delete", settings_groups.delete, name="settings_group_delete"),
]
_LISTS = [
    path("settings/lists", settings_lists.lists, name="settings_lists"),
    path("settings/lists/new", settings_lists.add, name="settings_list_add"),
    path("settings/lists/<int:list_id>", settings_lists.one_list, name="settings_list"),
    path("settings/lists/<int:list_id>/rename", settings_lists.rename, name="settings_list_rename"),
    path("settings/lists/<int:list_id>/delete", settings_lists.delete, name="settings_list_delete"),
    path("settings/lists/<int:list_id>/items/new", settings_items.add, name="settings_item_add"),
    path("settings/lists/<int:list_id>/items/rank", settings_items.rank, name="settings_item_rank"),
    path("settings/lists/<int:list_id>/items/<int:item_id>", settings_items.rename, name="settings_item"),
    path("settings/lists/<int:list_id>/items/<int:item_id>/delete", settings_items.delete, name="settings_item_delete"),
]
_FIELDS = [
    path("settings/fields", settings_fields.start, name="settings_fields"),
    path("settings/fields/<slug:kind>", settings_fields.fields, name="settings_fields_of"),
    path("settings/fields/<slug:kind>/new", settings_fields.add, name="settings_field_add"),
    path("settings/fields/<slug:kind>/rank", settings_fields.rank, name="settings_field_rank"),
    path("settings/fields/<slug:kind>/<slug:key>/change", settings_fields.change, name="settings_field"),
    path("settings/fields/<slug:kind>/<slug:key>/delete", settings_fields.delete, name="settings_field_delete"),
    path("settings/fields/<slug:kind>/<slug:key>/restore", settings_fields.restore, name="settings_field_restore"),
]
_PROFILE = [
    path("profile", profile.profile, name="profile"),
    path("profile/password", profile.password, name="profile_password"),
    path("profile/tokens/new", profile.add_token, name="profile_token_add"),
    path("profile/tokens/<int:token_id>/revoke", profile.revoke, name="profile_token_revoke"),
]

patterns = [*_USERS, *_LISTS, *_FIELDS, *_PROFILE]
