<?cs include:"macros.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "姓名变更：" + Person.Name ?><?cs def:content() ?><p class="back"><a href="/staff/name-change/new">返回查找</a></p>
<?cs call:error_summary() ?><h1>姓名变更</h1>
<?cs call:papers_person() ?><?cs if:?Certificates.0.Number ?><table class="list data"><caption>将生成新版的证书（各企业）</caption>
<thead><tr><th scope="col">证书编号<th scope="col">企业<th scope="col">有效期至<th scope="col">证书状态<th scope="col">说明
<tbody>
<?cs each:row = Certificates ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?><td data-as="说明"><?cs if:row.Refusal ?><b class="wrong">不能办理：<?cs var:row.Refusal ?></b><?cs else ?>可以变更<?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="note">该人员没有有效或暂扣的电子证书，只变更登记的姓名。</p>
<?cs /if ?><form method="post" action="/staff/name-change/people/<?cs var:Person.Id ?>" enctype="multipart/form-data"><?cs call:form_csrf() ?><h2>姓名</h2>
<div class="facts stack"><p>原姓名：<b><?cs var:Person.Name ?></b></p>
<label for="f-name">新姓名（与变更后的身份证一致；少数民族姓名中的圆点输入“·”）<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" autocomplete="off" required>
<label for="f-reason">变更原因<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="100" autocomplete="off" required></div>
<h2>材料</h2>
<p>逐项核对原件，勾选，并选择扫描件。扫描件加密保存，只有审核人员和审计人员可以查看。</p>
<?cs call:papers_fields() ?><div class="actions"><button class="button">核对</button><a class="button plain" href="/staff/name-change/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
