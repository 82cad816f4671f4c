CREATE TABLE `external_auth_links` (
	`provider_id` text NOT NULL,
	`user_id` text NOT NULL,
	`sealed_access_token` text NOT NULL,
	`sealed_refresh_token` text DEFAULT '' NOT NULL,
	`expires_at` integer,
	`extra` text,
	`refresh_failure_reason` text DEFAULT '' NOT NULL,
	`refresh_failed_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`provider_id`, `user_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `external_auth_links_user` ON `external_auth_links` (`user_id`);--> statement-breakpoint
CREATE TABLE `chat_branches` (
	`chat_id` text NOT NULL,
	`remote_origin` text NOT NULL,
	`branch` text NOT NULL,
	`path` text NOT NULL,
	`reported_at` integer NOT NULL,
	PRIMARY KEY(`chat_id`, `remote_origin`, `branch`),
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `chat_branches_origin` ON `chat_branches` (`remote_origin`,`branch`);--> statement-breakpoint
CREATE TABLE `chat_diff_statuses` (
	`chat_id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`url` text,
	`pull_request_state` text,
	`pull_request_title` text DEFAULT '' NOT NULL,
	`pull_request_draft` integer DEFAULT false NOT NULL,
	`changes_requested` integer DEFAULT false NOT NULL,
	`additions` integer DEFAULT 0 NOT NULL,
	`deletions` integer DEFAULT 0 NOT NULL,
	`changed_files` integer DEFAULT 0 NOT NULL,
	`author_login` text,
	`author_avatar_url` text,
	`base_branch` text,
	`head_branch` text,
	`pr_number` integer,
	`commits` integer,
	`approved` integer,
	`reviewer_count` integer,
	`repository` text,
	`opened_at` integer,
	`merged_at` integer,
	`git_branch` text DEFAULT '' NOT NULL,
	`git_remote_origin` text DEFAULT '' NOT NULL,
	`refreshed_at` integer,
	`stale_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chat_diff_statuses_state" CHECK("chat_diff_statuses"."pull_request_state" in ('open', 'closed', 'merged'))
);
--> statement-breakpoint
CREATE INDEX `chat_diff_statuses_due` ON `chat_diff_statuses` (`owner_id`,`stale_at`) WHERE "chat_diff_statuses"."git_branch" != '' and "chat_diff_statuses"."git_remote_origin" != '';--> statement-breakpoint
CREATE INDEX `chat_diff_statuses_stale` ON `chat_diff_statuses` (`stale_at`);--> statement-breakpoint
CREATE INDEX `chat_diff_statuses_url` ON `chat_diff_statuses` (`url`);--> statement-breakpoint
CREATE TABLE `chat_pull_requests` (
	`chat_id` text NOT NULL,
	`url` text NOT NULL,
	`provider` text NOT NULL,
	`repository` text NOT NULL,
	`state` text NOT NULL,
	`pull_request_title` text DEFAULT '' NOT NULL,
	`pull_request_draft` integer DEFAULT false NOT NULL,
	`changes_requested` integer DEFAULT false NOT NULL,
	`additions` integer DEFAULT 0 NOT NULL,
	`deletions` integer DEFAULT 0 NOT NULL,
	`changed_files` integer DEFAULT 0 NOT NULL,
	`author_login` text,
	`author_avatar_url` text,
	`base_branch` text,
	`head_branch` text,
	`pr_number` integer,
	`commits` integer,
	`approved` integer,
	`reviewer_count` integer,
	`opened_at` integer,
	`merged_at` integer,
	`closed_at` integer,
	`refreshed_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`chat_id`, `url`),
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "chat_pull_requests_provider" CHECK("chat_pull_requests"."provider" in ('github', 'gitlab', 'gitea')),
	CONSTRAINT "chat_pull_requests_state" CHECK("chat_pull_requests"."state" in ('open', 'closed', 'merged'))
);
--> statement-breakpoint
CREATE INDEX `chat_pull_requests_url` ON `chat_pull_requests` (`url`);--> statement-breakpoint
CREATE TABLE `usage_limits` (
	`one` integer PRIMARY KEY DEFAULT 1 NOT NULL,
	`default_limit_micros` integer,
	`period` text NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "usage_limits_one" CHECK("usage_limits"."one" = 1),
	CONSTRAINT "usage_limits_positive" CHECK("usage_limits"."default_limit_micros" is null or "usage_limits"."default_limit_micros" > 0),
	CONSTRAINT "usage_limits_period" CHECK("usage_limits"."period" in ('day', 'week', 'month'))
);
--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_chat_messages` (
	`chat_id` text NOT NULL,
	`id` integer NOT NULL,
	`owner_id` text,
	`organization_id` text,
	`root_chat_id` text,
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
	`cache_creation_1h_tokens` integer,
	`web_search_requests` integer,
	`context_limit` integer,
	`total_cost_micros` integer,
	`estimated` integer DEFAULT false NOT NULL,
	`runtime_ms` integer,
	`compressed` integer DEFAULT false NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`repriced_at` integer,
	PRIMARY KEY(`chat_id`, `id`),
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chat_messages_role" CHECK("__new_chat_messages"."role" in ('system', 'user', 'assistant', 'tool')),
	CONSTRAINT "chat_messages_visibility" CHECK("__new_chat_messages"."visibility" in ('user', 'model', 'both')),
	CONSTRAINT "chat_messages_created_by" CHECK("__new_chat_messages"."created_by" is null or "__new_chat_messages"."role" = 'user'),
	CONSTRAINT "chat_messages_runtime" CHECK("__new_chat_messages"."runtime_ms" is null or ("__new_chat_messages"."role" = 'assistant' and "__new_chat_messages"."runtime_ms" > 0)),
	CONSTRAINT "chat_messages_cost" CHECK("__new_chat_messages"."total_cost_micros" is null or "__new_chat_messages"."total_cost_micros" >= 0)
);
--> statement-breakpoint
INSERT INTO `__new_chat_messages` (owner_id, organization_id, root_chat_id, chat_id, id, kind, role, visibility, content_version, created_by, model_config_id, input_tokens, output_tokens, total_tokens, reasoning_tokens, cache_creation_tokens, cache_read_tokens, context_limit, total_cost_micros, estimated, runtime_ms, compressed, deleted, version, created_at)
SELECT chats.owner_id, chats.organization_id, chats.root_chat_id, m.chat_id, m.id, m.kind, m.role, m.visibility, m.content_version, m.created_by, m.model_config_id, m.input_tokens, m.output_tokens, m.total_tokens, m.reasoning_tokens, m.cache_creation_tokens, m.cache_read_tokens, m.context_limit, m.total_cost_micros, m.estimated, m.runtime_ms, m.compressed, m.deleted, m.version, m.created_at
FROM chat_messages m JOIN chats ON chats.id = m.chat_id;--> statement-breakpoint
DROP TABLE `chat_messages`;--> statement-breakpoint
ALTER TABLE `__new_chat_messages` RENAME TO `chat_messages`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `chat_messages_owner_usage` ON `chat_messages` (`owner_id`,`created_at`,`organization_id`,`root_chat_id`,`kind`,`role`,`model_config_id`,`total_cost_micros`,`input_tokens`,`output_tokens`,`cache_read_tokens`,`cache_creation_tokens`,`reasoning_tokens`,`runtime_ms`,`estimated`);--> statement-breakpoint
CREATE INDEX `chat_messages_usage` ON `chat_messages` (`created_at`,`owner_id`,`organization_id`,`root_chat_id`,`kind`,`role`,`model_config_id`,`total_cost_micros`,`input_tokens`,`output_tokens`,`cache_read_tokens`,`cache_creation_tokens`,`reasoning_tokens`,`runtime_ms`,`estimated`);--> statement-breakpoint
ALTER TABLE `users` ADD `chat_spend_limit_micros` integer;--> statement-breakpoint
ALTER TABLE `groups` ADD `chat_spend_limit_micros` integer;--> statement-breakpoint
-- A Worker of the release before writes rows without these three while a deployment is under way.
CREATE TRIGGER chat_messages_whose AFTER INSERT ON chat_messages WHEN new.owner_id IS NULL BEGIN
  UPDATE chat_messages SET
    owner_id = (SELECT owner_id FROM chats WHERE id = new.chat_id),
    organization_id = (SELECT organization_id FROM chats WHERE id = new.chat_id),
    root_chat_id = (SELECT root_chat_id FROM chats WHERE id = new.chat_id)
  WHERE chat_id = new.chat_id AND id = new.id;
END;
