ALTER TABLE matter_certificate
    ADD explanation VARCHAR(200) NULL COMMENT 'of cause obstacle: why it failed, in words, as it was then'
