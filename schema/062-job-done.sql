ALTER TABLE job ADD KEY job_done (done_at, kind, created_at)
