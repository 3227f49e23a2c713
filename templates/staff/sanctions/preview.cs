<?cs include:"macros.cs" ?><?cs include:"_proposal.cs" ?><?cs set:Title = "核对" + Kind.Label + "提请" ?><?cs
def:answers(lines) ?><input type="hidden" name="kind" value="<?cs var:Kind.Name ?>"><input type="hidden" name="basis" value="<?cs var:Field.basis ?>"><input type="hidden" name="reason" value="<?cs var:Field.reason ?>"><input type="hidden" name="from" value="<?cs var:Field.from ?>"><input type="hidden" name="until" value="<?cs var:Field.until ?>"><input type="hidden" name="code" value="<?cs var:Field.code ?>"><textarea name="numbers" hidden><?cs var:lines ?></textarea><?cs /def ?><?cs
def:again() ?><form method="post" action="/staff/sanctions/again" enctype="multipart/form-data"><?cs call:form_csrf() ?><?cs call:answers(Typed) ?><button class="button plain">返回修改</button></form><?cs /def ?><?cs
def:content() ?><p class="back"><a href="/staff/sanctions/">返回证书处罚</a></p>
<h1>核对<?cs var:Kind.Label ?>提请</h1>
<p class="lead">可以办理 <b><?cs var:Allowed ?></b> 本<?cs if:Refused > #0 ?>，不能办理 <b><?cs var:Refused ?></b> 本。只提请可以办理的证书<?cs /if ?>。</p>
<?cs call:proposal_refusals(Proposal.Refusals) ?><dl class="facts"><?cs call:fact("种类", Kind.Label) ?><?cs call:proposal_basis(Proposal) ?><?cs call:fact("决定期限", Deadline) ?></dl>
<?cs call:proposal_rows(Proposal.Rows) ?><?cs if:?Wrong.0.Text ?><table class="list data"><caption>不能识别的行</caption>
<thead><tr><th scope="col">行<th scope="col">内容<th scope="col">原因
<tbody>
<?cs each:row = Wrong ?><tr><th scope="row">第 <?cs var:row.Line ?> 行<td data-as="内容"><?cs var:row.Number ?><td data-as="原因"><?cs var:row.Text ?>
<?cs /each ?></table>
<?cs if:WrongMore ?><p class="quiet">另有 <?cs var:WrongMore ?> 行不能识别，没有列出。</p>
<?cs /if ?><?cs /if ?><?cs if:?Results.0.Text ?><table class="list data"><caption>全部证书的结果</caption>
<thead><tr><th scope="col">结果<th scope="col">证书
<tbody>
<?cs each:row = Results ?><tr><th scope="row"><?cs if:row.Refused ?>不能办理：<?cs /if ?><?cs var:row.Text ?><td data-as="证书"><?cs var:row.Count ?> 本
<?cs /each ?></table>
<?cs call:proposal_certificates("其中前 " + Shown + " 本", Proposal.Certificates) ?><p class="quiet">提请之后，可以在事项页逐页查看或者下载全部证书的清单，再作决定。超过 <?cs var:AtOnce ?> 本的，决定之后在后台逐批执行。</p>
<?cs else ?><?cs call:proposal_certificates("每本证书的结果", Proposal.Certificates) ?><?cs /if ?><?cs if:Allowed > #0 && subcount(Proposal.Refusals) == #0 ?><div class="actions"><form method="post" action="/staff/sanctions/" enctype="multipart/form-data"><?cs call:form_hidden() ?><?cs call:answers(Numbers) ?><button class="button">提请<?cs var:Kind.Label ?> <?cs var:Allowed ?> 本</button></form><?cs call:again() ?><a href="/staff/sanctions/">取消</a></div>
<p class="quiet">提请之后由决定人员决定；决定之前证书不变，可以撤回。</p>
<?cs else ?><p class="note bad">没有可以提请的证书。</p>
<div class="actions"><?cs call:again() ?><a href="/staff/sanctions/">取消</a></div>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
