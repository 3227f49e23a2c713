<?cs include:"macros.cs" ?><?cs include:"_document.cs" ?><?cs set:Title = "提请更正" ?><?cs def:content() ?><p class="back"><a href="/staff/corrections/">返回数据更正</a></p>
<?cs call:error_summary() ?><h1>提请更正</h1>
<div class="cols"><section><h2>人员信息</h2>
<p>证件、性别、出生日期、文化程度、技术职称、电话。姓名在“姓名变更”中办理。</p>
<form method="post" action="/staff/corrections/find" class="stack"><?cs call:form_csrf() ?><?cs call:document_fields() ?><button class="button">查找人员</button></form></section>
<section><h2>证书信息</h2>
<p>职务、初次领证日期、有效期、进入本企业日期。类别、编号、企业不能更正。</p>
<form method="post" action="/staff/corrections/find" class="stack"><?cs call:form_csrf() ?><label for="f-certificate">证书编号<?cs call:wrong("certificate") ?></label><input id="f-certificate" name="certificate" value="<?cs var:Field.certificate ?>" maxlength="40" autocomplete="off" required><button class="button">查找证书</button></form></section></div>
<?cs /def ?><?cs include:"layout.cs" ?>
