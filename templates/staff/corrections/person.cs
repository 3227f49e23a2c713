<?cs include:"macros.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "更正人员信息：" + Person.Name ?><?cs
def:options(list, chosen) ?><option value="">不变<?cs each:one = list ?><option value="<?cs var:one.Code ?>"<?cs if:one.Code == chosen ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?><?cs /def ?><?cs
def:content() ?><p class="back"><a href="/staff/corrections/new">返回查找</a></p>
<?cs call:error_summary() ?><h1>更正人员信息</h1>
<?cs call:papers_person() ?><p class="lead">只填写要更正的内容，没有填写的不变。居民身份证的性别和出生日期按号码确定。姓名有变的，请办理<a href="/staff/name-change/people/<?cs var:Person.Id ?>">姓名变更</a>。</p>
<form method="post" action="/staff/corrections/people/<?cs var:Person.Id ?>" enctype="multipart/form-data"><?cs call:form_csrf() ?><div class="facts stack">
<label for="f-id_type">证件类型（现为<?cs var:Person.IdType ?>）<?cs call:wrong("id_type") ?></label><select id="f-id_type" name="id_type"><?cs call:options(IdTypes, Field.id_type) ?></select>
<label for="f-id_no">证件号码（现为 <?cs var:Person.IdNumber ?>）<?cs call:wrong("id_no") ?></label><input id="f-id_no" name="id_no" value="<?cs var:Field.id_no ?>" maxlength="39" autocomplete="off" spellcheck="false">
<label for="f-sex">性别（现为<?cs var:Person.Sex ?>）<?cs call:wrong("sex") ?></label><select id="f-sex" name="sex"><option value="">不变<option value="1"<?cs if:Field.sex == "1" ?> selected<?cs /if ?>>男<option value="2"<?cs if:Field.sex == "2" ?> selected<?cs /if ?>>女</select>
<label for="f-birth">出生日期（现为 <?cs var:Person.Birth ?>）<?cs call:wrong("birth") ?></label><input type="date" id="f-birth" name="birth" value="<?cs var:Field.birth ?>">
<label for="f-education">文化程度（现为<?cs var:Person.Education ?>）<?cs call:wrong("education") ?></label><select id="f-education" name="education"><?cs call:options(Educations, Field.education) ?></select>
<label for="f-title">技术职称（现为<?cs if:Person.Title ?><?cs var:Person.Title ?><?cs else ?>“无”<?cs /if ?>）<?cs call:wrong("title") ?></label><select id="f-title" name="title"><?cs call:options(Titles, Field.title) ?><option value="none"<?cs if:Field.title == "none" ?> selected<?cs /if ?>>无</select>
<label for="f-phone">电话（现在<?cs if:Person.Phone > #0 ?>已登记<?cs else ?>未登记<?cs /if ?>）<?cs call:wrong("phone") ?></label><input id="f-phone" name="phone" value="<?cs var:Field.phone ?>" maxlength="20" autocomplete="off">
<?cs if:Person.Phone > #0 ?><label class="pick"><input type="checkbox" name="no_phone" value="1"<?cs if:Field.no_phone ?> checked<?cs /if ?>>删除登记的电话</label>
<?cs /if ?><label for="f-reason">更正原因（更正涉及证书的，企业可以看到）<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required></div>
<?cs call:papers_fields() ?><div class="actions"><button class="button">核对</button><a class="button plain" href="/staff/corrections/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
