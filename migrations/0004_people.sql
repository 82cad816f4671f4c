CREATE TABLE `audit_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`time` integer NOT NULL,
	`user_id` text,
	`organization_id` text,
	`action` text NOT NULL,
	`resource_type` text NOT NULL,
	`resource_id` text NOT NULL,
	`resource_target` text NOT NULL,
	`diff` text NOT NULL,
	`ip` text DEFAULT '' NOT NULL,
	`user_agent` text DEFAULT '' NOT NULL,
	`request_id` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_logs_time` ON `audit_logs` ("time" desc,"id" desc);--> statement-breakpoint
CREATE INDEX `audit_logs_user` ON `audit_logs` (`user_id`,"time" desc,"id" desc);--> statement-breakpoint
CREATE INDEX `audit_logs_resource` ON `audit_logs` (`resource_type`,`resource_id`,"time" desc);--> statement-breakpoint
CREATE INDEX `audit_logs_organization` ON `audit_logs` (`organization_id`,"time" desc,"id" desc);--> statement-breakpoint
CREATE TABLE `chat_shares` (
	`root_chat_id` text NOT NULL,
	`subject_type` text NOT NULL,
	`subject_id` text NOT NULL,
	`role` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`root_chat_id`, `subject_id`),
	FOREIGN KEY (`root_chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chat_shares_subject_type" CHECK("chat_shares"."subject_type" in ('user', 'group')),
	CONSTRAINT "chat_shares_role" CHECK("chat_shares"."role" in ('viewer', 'collaborator'))
);
--> statement-breakpoint
CREATE INDEX `chat_shares_subject` ON `chat_shares` (`subject_id`,`root_chat_id`);--> statement-breakpoint
CREATE INDEX `chat_shares_giver` ON `chat_shares` (`created_by`,`created_at`);--> statement-breakpoint
CREATE TABLE `account_links` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`secret_hash` text NOT NULL,
	`user_id` text,
	`email` text DEFAULT '' NOT NULL,
	`roles` text DEFAULT '[]' NOT NULL,
	`organization_ids` text DEFAULT '[]' NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "account_links_kind" CHECK("account_links"."kind" in ('invite', 'password_reset'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_links_secret_hash_unique` ON `account_links` (`secret_hash`);--> statement-breakpoint
CREATE INDEX `account_links_created` ON `account_links` (`kind`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `rate_counters` (
	`key` text PRIMARY KEY NOT NULL,
	`window_ends_at` integer NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rate_counters_end` ON `rate_counters` (`window_ends_at`);--> statement-breakpoint
CREATE TABLE `custom_roles` (
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`is_system` integer DEFAULT false NOT NULL,
	`organization_permissions` text NOT NULL,
	`member_permissions` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `name`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `group_members` (
	`group_id` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`group_id`, `user_id`),
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `group_members_user` ON `group_members` (`user_id`);--> statement-breakpoint
CREATE TABLE `groups` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`avatar_url` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_name` ON `groups` (`organization_id`,lower("name"));--> statement-breakpoint
ALTER TABLE `api_keys` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `organizations` ADD `deleted` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE TRIGGER audit_logs_stay BEFORE UPDATE ON audit_logs BEGIN SELECT raise(abort, 'audit_logs is append-only'); END;--> statement-breakpoint
CREATE TRIGGER audit_logs_remain BEFORE DELETE ON audit_logs BEGIN SELECT raise(abort, 'audit_logs is append-only'); END;--> statement-breakpoint
-- Every organisation has a group of all its members, under its own id.
INSERT INTO groups (id, organization_id, name, display_name, created_at, updated_at)
SELECT id, id, 'Everyone', 'Everyone', created_at, created_at FROM organizations;--> statement-breakpoint
-- The system roles as the mode `everyone` has them; what differs is reconciled at the first start.
INSERT INTO custom_roles (organization_id, name, is_system, organization_permissions, member_permissions, created_at, updated_at)
SELECT organizations.id, role.value, 1,
  '[{"resource":"organization","actions":["read"]},{"resource":"organization_member","actions":["read"]},{"resource":"group","actions":["read"]}]',
  '[{"resource":"chat","actions":"*"},{"resource":"workspace","actions":"*"},{"resource":"organization_member","actions":["read"]}]',
  organizations.created_at, organizations.created_at
FROM organizations, json_each('["organization-member","organization-service-account"]') role;
