<?cs include:"macros.cs" ?><?cs include:"_document.cs" ?><?cs set:Title = "新建人员" ?><?cs def:choices(list, chosen) ?><?cs each:one = list ?><option value="<?cs var:one.Code ?>"<?cs if:one.Code == chosen ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?><?cs /def ?><?cs def:content() ?><p class="back"><a href="/staff/people/">返回身份信息采集</a></p>
<?cs call:error_summary() ?><h1>新建人员</h1>
<p class="lead">请按本人有效证件原件填写。居民身份证的性别和出生日期由号码得出，填写的应当一致。</p>
<?cs call:reader() ?><form method="post" action="/staff/people/" class="box stack" data-person><?cs call:form_hidden() ?><?cs call:document_fields() ?><label for="f-name">姓名<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" autocomplete="off">
<fieldset><legend>性别（居民身份证可以不选）<?cs call:wrong("sex") ?></legend><label class="pick"><input type="radio" name="sex" value="1" id="f-sex"<?cs if:Field.sex == "1" ?> checked<?cs /if ?>>男</label><label class="pick"><input type="radio" name="sex" value="2"<?cs if:Field.sex == "2" ?> checked<?cs /if ?>>女</label></fieldset>
<label for="f-birth">出生日期（居民身份证可以不填）<?cs call:wrong("birth") ?></label><input id="f-birth" type="date" name="birth" value="<?cs var:Field.birth ?>">
<label for="f-education">文化程度<?cs call:wrong("education") ?></label><select id="f-education" name="education"><option value="">请选择<?cs call:choices(Educations, Field.education) ?></select>
<label for="f-title">技术职称（没有的不选）<?cs call:wrong("title") ?></label><select id="f-title" name="title"><option value="">无<?cs call:choices(Titles, Field.title) ?></select>
<label for="f-phone">电话（可以不填）<?cs call:wrong("phone") ?></label><input id="f-phone" name="phone" value="<?cs var:Field.phone ?>" maxlength="20" autocomplete="off">
<div class="actions"><button class="button">保存，继续采集照片</button><a href="/staff/people/">返回</a></div></form>
<p class="quiet"><a href="/help/staff-capture">操作手册：身份信息采集</a></p>
<script type="module" src="/static/people.js?<?cs var:Static.Version ?>"></script>
<?cs /def ?><?cs include:"layout.cs" ?>
