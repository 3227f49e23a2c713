ALTER TABLE document MODIFY kind ENUM('certificate', 'departure', 'cancellation', 'form', 'signed') NOT NULL
