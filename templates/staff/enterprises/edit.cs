<?cs include:"macros.cs" ?><?cs set:Title = "更正企业登记" ?><?cs def:content() ?><p class="back"><a href="/staff/enterprises/<?cs var:Firm.Id ?>">返回企业页面</a></p>
<?cs call:error_summary() ?><h1>更正企业登记</h1>
<p class="lead">提请之后由另一位审核人员决定，决定之后生效。名称改变的，企业的有效证书不会自动更改，由企业办理企业名称变更；法定代表人改变的，法定代表人A证按新的登记办理。</p>
<form method="post" action="/staff/enterprises/<?cs var:Firm.Id ?>/correct"><?cs call:form_hidden() ?><input type="hidden" name="seen" value="<?cs if:Field.seen ?><?cs var:Field.seen ?><?cs else ?><?cs var:Firm.Seen ?><?cs /if ?>"><div class="facts stack">
<label for="f-name">企业名称<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="128" autocomplete="off" required>
<label for="f-region">属地<?cs call:wrong("region") ?></label><select id="f-region" name="region"><option value="local"<?cs if:Field.region == "local" ?> selected<?cs /if ?>>本市<option value="outside"<?cs if:Field.region == "outside" ?> selected<?cs /if ?>>外省市</select>
<label for="f-province">省份<?cs call:wrong("province") ?></label><input id="f-province" name="province" value="<?cs var:Field.province ?>" maxlength="16" autocomplete="off">
<label for="f-rep_name">法定代表人姓名<?cs call:wrong("rep_name") ?></label><input id="f-rep_name" name="rep_name" value="<?cs var:Field.rep_name ?>" maxlength="64" autocomplete="off">
<label for="f-rep_type">法定代表人证件类型<?cs call:wrong("rep_type") ?></label><select id="f-rep_type" name="rep_type"><option value="">（未登记）<?cs each:type = Types ?><option value="<?cs var:type.Code ?>"<?cs if:type.Here ?> selected<?cs /if ?>><?cs var:type.Label ?><?cs /each ?></select>
<label for="f-rep_no">法定代表人证件号码（<?cs if:Firm.RepNumber ?>现为 <?cs var:Firm.RepNumber ?>，不变的留空<?cs else ?>未登记<?cs /if ?>）<?cs call:wrong("rep_no") ?></label><input id="f-rep_no" name="rep_no" value="<?cs var:Field.rep_no ?>" maxlength="40" autocomplete="off">
<label for="f-reason">更正原因<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required></div>
<div class="actions"><button class="button">提请更正</button><a class="button plain" href="/staff/enterprises/<?cs var:Firm.Id ?>">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
