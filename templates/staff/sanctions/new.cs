<?cs include:"macros.cs" ?><?cs set:Title = "提请" + Kind.Label ?><?cs def:content() ?><p class="back"><a href="/staff/sanctions/">返回证书处罚</a></p>
<?cs call:error_summary() ?><h1>提请<?cs var:Kind.Label ?></h1>
<p class="lead">填写依据和原因，列出证书。下一步逐本核对结果，核对之后再提请。</p>
<form method="post" action="/staff/sanctions/preview" enctype="multipart/form-data"><?cs call:form_csrf() ?><input type="hidden" name="kind" value="<?cs var:Kind.Name ?>"><div class="facts stack">
<label for="f-basis">法律依据（法律、法规、规章的名称和条款）<?cs call:wrong("basis") ?></label><input id="f-basis" name="basis" value="<?cs var:Field.basis ?>" maxlength="120" autocomplete="off" required>
<label for="f-reason">原因（企业可以看到）<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required>
<?cs if:Kind.Period ?><label for="f-from">暂扣期（起）<?cs call:wrong("from") ?></label><input type="date" id="f-from" name="from" value="<?cs var:Field.from ?>" required>
<label for="f-until">暂扣期（止）<?cs call:wrong("until") ?></label><input type="date" id="f-until" name="until" value="<?cs var:Field.until ?>" required>
<?cs /if ?><?cs if:?Codes.0.Code ?><label for="f-code">注销原因<?cs call:wrong("code") ?></label><select id="f-code" name="code"><option value="">请选择<?cs each:code = Codes ?><option value="<?cs var:code.Code ?>"<?cs if:code.Here ?> selected<?cs /if ?>><?cs var:code.Label ?><?cs /each ?></select>
<?cs /if ?><label for="f-numbers">证书编号（每行一本，至多 <?cs var:Most ?> 本；个别证书的原因不同的，在编号之后用逗号隔开填写）<?cs call:wrong("numbers") ?></label><textarea id="f-numbers" name="numbers" rows="6" spellcheck="false"><?cs var:Field.numbers ?></textarea>
<label for="f-file">或者选择 CSV 文件（第一行为列名：number 证书编号，可以再有 reason 原因）<?cs call:wrong("file") ?></label><input type="file" id="f-file" name="file" accept=".csv,text/csv"></div>
<div class="actions"><button class="button">核对</button><a class="button plain" href="/staff/sanctions/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
