<?cs include:"macros.cs" ?><?cs include:"_document.cs" ?><?cs set:Title = "受理姓名变更" ?><?cs def:content() ?><p class="back"><a href="/staff/name-change/">返回姓名变更</a></p>
<?cs call:error_summary() ?><h1>受理姓名变更</h1>
<p class="lead">先按证件查找持证人。须由本人携带材料到窗口办理。</p>
<form method="post" action="/staff/name-change/find" class="facts stack"><?cs call:form_csrf() ?><?cs call:document_fields() ?><button class="button">查找</button></form>
<h2>须携带的材料</h2>
<ol class="steps"><li>企业情况说明（加盖公章）<li>本人身份证原件和复印件<li>三类人员证书原件和复印件</ol>
<?cs /def ?><?cs include:"layout.cs" ?>
