<?cs include:"macros.cs" ?><?cs include:"_proposal.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "核对更正" ?><?cs
def:carry(name, value) ?><?cs if:value ?><input type="hidden" name="<?cs var:name ?>" value="<?cs var:value ?>"><?cs /if ?><?cs /def ?><?cs
def:answers() ?><?cs call:carry("id_type", Field.id_type) ?><?cs call:carry("id_no", Field.id_no) ?><?cs call:carry("sex", Field.sex) ?><?cs call:carry("birth", Field.birth) ?><?cs call:carry("education", Field.education) ?><?cs call:carry("title", Field.title) ?><?cs call:carry("phone", Field.phone) ?><?cs call:carry("no_phone", Field.no_phone) ?><?cs call:carry("post", Field.post) ?><?cs call:carry("first_issued", Field.first_issued) ?><?cs call:carry("valid_from", Field.valid_from) ?><?cs call:carry("valid_until", Field.valid_until) ?><?cs call:carry("held_since", Field.held_since) ?><?cs call:carry("reason", Field.reason) ?><?cs call:papers_hidden() ?><?cs /def ?><?cs
def:content() ?><h1>核对更正</h1>
<?cs call:proposal_refusals(Proposal.Refusals) ?><dl class="facts"><?cs if:Person.Name ?><?cs call:fact("姓名", Person.Name) ?><?cs call:fact(Person.IdType, Person.IdNumber) ?><?cs else ?><?cs call:fact("证书编号", Certificate.Number) ?><?cs call:fact("姓名", Certificate.Name) ?><?cs /if ?><?cs call:fact("更正原因", Proposal.Reason) ?><?cs call:fact("决定期限", Proposal.Deadline) ?></dl>
<?cs call:proposal_rows(Proposal.Rows) ?><?cs if:?Papers.0.Id ?><p>更正依据：<?cs var:Papers.0.Name ?>（<?cs var:Papers.0.Pages ?> 页）</p>
<?cs /if ?><?cs call:proposal_certificates("每本证书的结果", Proposal.Certificates) ?><?cs if:Proposal.Count == #0 ?><p class="note">更正的内容不记载在证书上，证书不变。</p>
<?cs /if ?><div class="actions"><?cs if:Allowed ?><form method="post" action="<?cs var:Path ?>/propose"><?cs call:form_hidden() ?><?cs call:answers() ?><button class="button">提请更正</button></form><?cs /if ?><form method="post" action="<?cs var:Path ?>/again"><?cs call:form_csrf() ?><?cs call:answers() ?><button class="button plain">返回修改</button></form><a href="/staff/corrections/">取消</a></div>
<?cs if:Allowed ?><p class="quiet">提请之后由另一名审核人员决定；决定之前数据不变，可以撤回。</p>
<?cs else ?><p class="note bad">现在不能提请，原因见上。</p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
