CREATE TABLE identity_capture (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    person_id    BIGINT UNSIGNED NOT NULL,
    source       ENUM('reader', 'window', 'import') NOT NULL,
    photo_sealed MEDIUMBLOB NOT NULL,
    photo_sha256 BINARY(32) NOT NULL COMMENT 'of the JPEG before sealing: the same photo twice is one capture',
    width        SMALLINT UNSIGNED NOT NULL,
    height       SMALLINT UNSIGNED NOT NULL,
    captured_at  DATETIME(3) NOT NULL,
    captured_by  BIGINT UNSIGNED NULL COMMENT 'staff.id; NULL for imports',
    PRIMARY KEY (id),
    UNIQUE KEY identity_capture_photo (person_id, photo_sha256),
    CONSTRAINT identity_capture_person FOREIGN KEY (person_id) REFERENCES person (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
