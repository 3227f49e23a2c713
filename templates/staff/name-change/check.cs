<?cs include:"macros.cs" ?><?cs include:"_proposal.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "核对姓名变更：" + Person.Name ?><?cs
def:answers() ?><input type="hidden" name="name" value="<?cs var:Field.name ?>"><input type="hidden" name="reason" value="<?cs var:Field.reason ?>"><?cs call:papers_hidden() ?><?cs /def ?><?cs
def:content() ?><h1>核对姓名变更</h1>
<?cs call:proposal_refusals(Proposal.Refusals) ?><dl class="facts"><?cs call:fact("原姓名", Person.Name) ?><div><dt>新姓名<dd><b><?cs var:NewName ?></b></div>
<?cs call:fact(Person.IdType, Person.IdNumber) ?><?cs call:fact("变更原因", Proposal.Reason) ?><?cs call:fact("决定期限", Proposal.Deadline) ?></dl>
<?cs call:papers_kept() ?><?cs call:proposal_rows(Proposal.Rows) ?><?cs call:proposal_certificates("每本证书的结果", Proposal.Certificates) ?><div class="actions"><?cs if:Allowed ?><form method="post" action="/staff/name-change/people/<?cs var:Person.Id ?>/propose"><?cs call:form_hidden() ?><?cs call:answers() ?><button class="button">提请姓名变更</button></form><?cs /if ?><form method="post" action="/staff/name-change/people/<?cs var:Person.Id ?>/again"><?cs call:form_csrf() ?><?cs call:answers() ?><button class="button plain">返回修改</button></form><a href="/staff/name-change/">取消</a></div>
<?cs if:Allowed ?><p class="quiet">提请之后由审核人员决定；决定之前姓名和证书不变，可以撤回。</p>
<?cs else ?><p class="note bad">现在不能提请，原因见上。</p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
