CREATE TABLE `chat_messages` (
	`chat_id` text NOT NULL,
	`id` integer NOT NULL,
	`kind` text NOT NULL,
	`role` text NOT NULL,
	`visibility` text NOT NULL,
	`content_version` integer NOT NULL,
	`created_by` text,
	`model_config_id` text,
	`input_tokens` integer,
	`output_tokens` integer,
	`total_tokens` integer,
	`reasoning_tokens` integer,
	`cache_creation_tokens` integer,
	`cache_read_tokens` integer,
	`context_limit` integer,
	`total_cost_micros` integer,
	`estimated` integer DEFAULT false NOT NULL,
	`runtime_ms` integer,
	`compressed` integer DEFAULT false NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`chat_id`, `id`),
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chat_messages_kind" CHECK("chat_messages"."kind" in ('message', 'title', 'compaction', 'failed_attempt')),
	CONSTRAINT "chat_messages_role" CHECK("chat_messages"."role" in ('system', 'user', 'assistant', 'tool')),
	CONSTRAINT "chat_messages_visibility" CHECK("chat_messages"."visibility" in ('user', 'model', 'both')),
	CONSTRAINT "chat_messages_created_by" CHECK("chat_messages"."created_by" is null or "chat_messages"."role" = 'user'),
	CONSTRAINT "chat_messages_runtime" CHECK("chat_messages"."runtime_ms" is null or ("chat_messages"."role" = 'assistant' and "chat_messages"."runtime_ms" > 0)),
	CONSTRAINT "chat_messages_cost" CHECK("chat_messages"."total_cost_micros" is null or "chat_messages"."total_cost_micros" >= 0)
);
--> statement-breakpoint
CREATE INDEX `chat_messages_created` ON `chat_messages` (`created_at`);--> statement-breakpoint
CREATE TABLE `chats` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`workspace_id` text,
	`parent_chat_id` text,
	`root_chat_id` text NOT NULL,
	`title` text NOT NULL,
	`status` text NOT NULL,
	`last_error` text,
	`last_error_detail` text,
	`last_model_config_id` text NOT NULL,
	`mode` text,
	`archived` integer DEFAULT false NOT NULL,
	`archived_version` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "chats_status" CHECK("chats"."status" in ('waiting', 'pending', 'running', 'interrupting', 'requires_action', 'error', 'paused', 'completed'))
);
--> statement-breakpoint
CREATE INDEX `chats_owner` ON `chats` (`owner_id`,"updated_at" desc,"id" desc);--> statement-breakpoint
CREATE INDEX `chats_updated` ON `chats` ("updated_at" desc,"id" desc);--> statement-breakpoint
CREATE INDEX `chats_root` ON `chats` (`root_chat_id`);--> statement-breakpoint
CREATE INDEX `chats_working` ON `chats` (`status`,`updated_at`) WHERE "chats"."status" in ('pending', 'running', 'interrupting');--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`user_id` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`chat_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `key`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_created` ON `idempotency_keys` (`created_at`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`token_name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`last_used` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `api_keys_user` ON `api_keys` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `login_attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`window_started_at` integer NOT NULL,
	`attempts` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`absolute_expires_at` integer NOT NULL,
	`ip_address` text DEFAULT '' NOT NULL,
	`user_agent` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `site_configs` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `user_configs` (
	`user_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `key`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `user_deleted` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`deleted_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `user_status_changes` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`new_status` text NOT NULL,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "user_status_changes_status" CHECK("user_status_changes"."new_status" in ('active', 'dormant', 'suspended'))
);
--> statement-breakpoint
CREATE INDEX `user_status_changes_user` ON `user_status_changes` (`user_id`,`changed_at`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`email` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`avatar_url` text DEFAULT '' NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`login_type` text NOT NULL,
	`password_hash` text,
	`roles` text NOT NULL,
	`is_service_account` integer DEFAULT false NOT NULL,
	`is_system` integer DEFAULT false NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	`last_seen_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "users_status" CHECK("users"."status" in ('active', 'dormant', 'suspended')),
	CONSTRAINT "users_login_type" CHECK("users"."login_type" in ('password', 'github', 'oidc', 'token', 'none'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (lower("username")) WHERE "users"."deleted" = 0;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email` ON `users` (lower("email")) WHERE "users"."deleted" = 0 and "users"."email" != '';--> statement-breakpoint
CREATE TABLE `chat_model_configs` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`enabled` integer NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`context_limit` integer NOT NULL,
	`compression_threshold` integer NOT NULL,
	`options` text NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	`deleted_at` integer,
	`created_by` text,
	`updated_by` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "chat_model_configs_provider_name" CHECK("chat_model_configs"."provider" in ('anthropic', 'azure', 'bedrock', 'google', 'openai', 'openai-compat', 'openrouter', 'vercel')),
	CONSTRAINT "chat_model_configs_context" CHECK("chat_model_configs"."context_limit" > 0),
	CONSTRAINT "chat_model_configs_threshold" CHECK("chat_model_configs"."compression_threshold" between 0 and 100)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `chat_model_configs_default` ON `chat_model_configs` (`is_default`) WHERE "chat_model_configs"."is_default" = 1 and "chat_model_configs"."deleted" = 0;--> statement-breakpoint
CREATE UNIQUE INDEX `chat_model_configs_model` ON `chat_model_configs` (`provider`,`model`) WHERE "chat_model_configs"."deleted" = 0;--> statement-breakpoint
CREATE INDEX `chat_model_configs_provider` ON `chat_model_configs` (`provider`);--> statement-breakpoint
CREATE TABLE `chat_providers` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`sealed_api_key` text DEFAULT '' NOT NULL,
	`base_url` text DEFAULT '' NOT NULL,
	`enabled` integer NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "chat_providers_provider" CHECK("chat_providers"."provider" in ('anthropic', 'azure', 'bedrock', 'google', 'openai', 'openai-compat', 'openrouter', 'vercel'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `chat_providers_provider_unique` ON `chat_providers` (`provider`);--> statement-breakpoint
CREATE TABLE `organization_members` (
	`organization_id` text NOT NULL,
	`user_id` text NOT NULL,
	`roles` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `user_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `organization_members_user` ON `organization_members` (`user_id`);--> statement-breakpoint
CREATE TABLE `organizations` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`display_name` text NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`shareable_workspace_owners` text DEFAULT 'everyone' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "organizations_sharing" CHECK("organizations"."shareable_workspace_owners" in ('none', 'everyone', 'service_accounts'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_name_unique` ON `organizations` (`name`);--> statement-breakpoint
CREATE TABLE `workspace_agents` (
	`id` text PRIMARY KEY NOT NULL,
	`build_id` text NOT NULL,
	`workspace_id` text NOT NULL,
	`name` text DEFAULT 'main' NOT NULL,
	`token_hash` text NOT NULL,
	`boot_id` text,
	`version` text DEFAULT '' NOT NULL,
	`os` text DEFAULT '' NOT NULL,
	`arch` text DEFAULT '' NOT NULL,
	`hostname` text DEFAULT '' NOT NULL,
	`directory` text DEFAULT '' NOT NULL,
	`first_connected_at` integer,
	`last_connected_at` integer,
	`disconnected_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`build_id`) REFERENCES `workspace_builds`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workspace_agents_token_hash_unique` ON `workspace_agents` (`token_hash`);--> statement-breakpoint
CREATE INDEX `workspace_agents_build` ON `workspace_agents` (`build_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `workspace_builds` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` text NOT NULL,
	`build_number` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workspace_builds_number` ON `workspace_builds` (`workspace_id`,`build_number`);--> statement-breakpoint
CREATE TABLE `workspaces` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`template_id` text,
	`user_acl` text DEFAULT '{}' NOT NULL,
	`group_acl` text DEFAULT '{}' NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workspaces_name` ON `workspaces` (`owner_id`,lower("name")) WHERE "workspaces"."deleted" = 0;--> statement-breakpoint
CREATE INDEX `workspaces_owner` ON `workspaces` (`owner_id`,`updated_at`,`id`);