CREATE TABLE staff (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    login       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name        VARCHAR(64) NOT NULL,
    role        ENUM('window', 'reviewer', 'decision', 'auditor', 'administrator') NOT NULL,
    disabled_at DATETIME(3) NULL,
    created_at  DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY staff_login (login)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
