-- The default organisation, and the user who owns what exists before the first person does.
insert into organizations (id, name, display_name, is_default, shareable_workspace_owners, created_at, updated_at)
values ('00000000-0000-7000-8000-000000000001', 'default', 'Default', 1, 'everyone', unixepoch() * 1000, unixepoch() * 1000);
insert into users (id, username, email, name, login_type, roles, status, is_system, created_at, updated_at)
values ('00000000-0000-7000-8000-000000000002', 'system', '', 'Tideline', 'none', '[]', 'active', 1, unixepoch() * 1000, unixepoch() * 1000);
