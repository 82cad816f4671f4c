CREATE TABLE `workspace_acl_entries` (
	`subject_id` text NOT NULL,
	`workspace_id` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`subject_id`, `workspace_id`),
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `workspace_acl_entries_workspace` ON `workspace_acl_entries` (`workspace_id`);--> statement-breakpoint
CREATE INDEX `workspaces_organization` ON `workspaces` (`organization_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE INDEX `workspaces_updated` ON `workspaces` (`updated_at`,`id`);--> statement-breakpoint
CREATE TRIGGER workspace_acl_begins AFTER INSERT ON workspaces WHEN new.user_acl <> '{}' OR new.group_acl <> '{}' BEGIN INSERT INTO workspace_acl_entries (subject_id, workspace_id, role) SELECT key, new.id, value FROM json_each(new.user_acl) UNION SELECT key, new.id, value FROM json_each(new.group_acl); END;--> statement-breakpoint
CREATE TRIGGER workspace_acl_changes AFTER UPDATE OF user_acl, group_acl ON workspaces WHEN old.user_acl <> new.user_acl OR old.group_acl <> new.group_acl BEGIN DELETE FROM workspace_acl_entries WHERE workspace_id = new.id; INSERT INTO workspace_acl_entries (subject_id, workspace_id, role) SELECT key, new.id, value FROM json_each(new.user_acl) UNION SELECT key, new.id, value FROM json_each(new.group_acl); END;
