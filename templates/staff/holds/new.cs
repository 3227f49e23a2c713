<?cs include:"macros.cs" ?><?cs set:Title = "提请锁定" ?><?cs def:content() ?><p class="back"><a href="/staff/holds/">返回锁定</a></p>
<?cs call:error_summary() ?><h1>提请锁定</h1>
<form method="post" action="/staff/holds/preview"><?cs call:form_csrf() ?><div class="facts stack">
<?cs if:?Whom.Name ?><input type="hidden" name="<?cs var:Whom.Field ?>" value="<?cs var:Whom.Id ?>"><p>锁定对象：<b><?cs var:Whom.Kind ?>　<?cs var:Whom.Name ?></b>（<?cs var:Whom.Document ?>）</p>
<?cs else ?><fieldset><legend>锁定对象<?cs call:wrong("whom") ?></legend><label class="pick"><input type="radio" name="whom" value="person" id="f-whom"<?cs if:Field.whom != "enterprise" ?> checked<?cs /if ?>>人员（填写证件）</label><label class="pick"><input type="radio" name="whom" value="enterprise"<?cs if:Field.whom == "enterprise" ?> checked<?cs /if ?>>企业（填写统一社会信用代码）</label></fieldset>
<label for="f-id_type">证件类型<?cs call:wrong("id_type") ?></label><select id="f-id_type" name="id_type"><?cs each:type = Types ?><option value="<?cs var:type.Code ?>"<?cs if:type.Here ?> selected<?cs /if ?>><?cs var:type.Label ?><?cs /each ?></select>
<label for="f-id_no">证件号码<?cs call:wrong("id_no") ?></label><input id="f-id_no" name="id_no" value="<?cs var:Field.id_no ?>" maxlength="39" autocomplete="off">
<label for="f-uscc">统一社会信用代码<?cs call:wrong("uscc") ?></label><input id="f-uscc" name="uscc" value="<?cs var:Field.uscc ?>" maxlength="18" autocomplete="off">
<?cs /if ?><label for="f-basis">法律依据（企业可以看到）<?cs call:wrong("basis") ?></label><input id="f-basis" name="basis" value="<?cs var:Field.basis ?>" maxlength="120" autocomplete="off" required>
<label for="f-reason">原因<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required>
<label for="f-from">锁定期（起）<?cs call:wrong("from") ?></label><input type="date" id="f-from" name="from" value="<?cs var:Field.from ?>" required>
<label for="f-until">锁定期（止；不填写的，锁定至解除为止）<?cs call:wrong("until") ?></label><input type="date" id="f-until" name="until" value="<?cs var:Field.until ?>"></div>
<div class="actions"><button class="button">核对</button><a class="button plain" href="/staff/holds/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
