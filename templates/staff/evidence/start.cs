<?cs include:"macros.cs" ?><?cs set:Title = "考核与参保" ?><?cs def:content() ?><?cs call:error_summary() ?><h1>考核与参保</h1>
<p class="lead">按证件查询一个人员在登记册中的考核成绩、社会保险和继续教育记录。证件号码只用于查找，不出现在网址和日志中。</p>
<form method="post" action="/staff/evidence/"><?cs call:form_csrf() ?><div class="facts stack"><label for="f-id_type">证件类型<?cs call:wrong("id_type") ?></label><select id="f-id_type" name="id_type"><?cs each:type = Types ?><option value="<?cs var:type.Code ?>"<?cs if:Field.id_type == type.Code ?> selected<?cs /if ?>><?cs var:type.Label ?><?cs /each ?></select>
<label for="f-id_no">证件号码<?cs call:wrong("id_no") ?></label><input id="f-id_no" name="id_no" value="<?cs var:Field.id_no ?>" maxlength="40" autocomplete="off" required></div>
<div class="actions"><button class="button">查询</button></div></form>
<p class="quiet"><a href="/help/staff-enterprises">操作手册：企业登记、考核与参保</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
