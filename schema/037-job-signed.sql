ALTER TABLE job MODIFY kind ENUM('certificate', 'departure', 'cancellation', 'form', 'signed') NOT NULL
