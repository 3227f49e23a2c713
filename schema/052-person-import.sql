ALTER TABLE person
    ADD COLUMN import_id BIGINT UNSIGNED NULL COMMENT 'import_run.id: the import that wrote it last, and nobody since'
