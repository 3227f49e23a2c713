ALTER TABLE session ADD COLUMN roles INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of staff at login, as bits'
