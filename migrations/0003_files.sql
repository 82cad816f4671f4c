CREATE TABLE `chat_file_refs` (
	`chat_id` text NOT NULL,
	`file_id` text NOT NULL,
	PRIMARY KEY(`chat_id`, `file_id`),
	FOREIGN KEY (`chat_id`) REFERENCES `chats`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`file_id`) REFERENCES `chat_files`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `chat_file_refs_file` ON `chat_file_refs` (`file_id`);--> statement-breakpoint
CREATE TABLE `chat_files` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`media_type` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at` integer NOT NULL,
	`discarded_at` integer,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "chat_files_media_type" CHECK("chat_files"."media_type" in ('image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain', 'text/markdown', 'text/csv', 'application/json'))
);
--> statement-breakpoint
CREATE INDEX `chat_files_created` ON `chat_files` (`created_at`);--> statement-breakpoint
CREATE INDEX `chat_files_discarded` ON `chat_files` (`discarded_at`) WHERE "chat_files"."discarded_at" is not null;