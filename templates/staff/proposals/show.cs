<?cs include:"macros.cs" ?><?cs include:"_proposal.cs" ?><?cs set:Title = Proposal.Kind + "提请 " + Proposal.Number ?><?cs if:Proposal.Running ?><?cs set:Refresh = #10 ?><?cs /if ?><?cs set:Tone = "" ?><?cs
if:Proposal.State == "waiting" ?><?cs set:Tone = " run" ?><?cs
elif:Proposal.State == "refused" ?><?cs set:Tone = " warn" ?><?cs
elif:Proposal.State == "withdrawn" ?><?cs set:Tone = " off" ?><?cs /if ?><?cs

def:decide() ?><h2>决定</h2>
<?cs if:Proposal.Blocked ?><p class="note bad">提请之后情况已经变化，现在不能同意。可以不同意，或由提请人撤回后重新提请。</p>
<?cs /if ?><form action="/staff/proposals/<?cs var:Proposal.Number ?>/decide"<?cs if:!Proposal.Final ?> method="post"<?cs /if ?>><?cs if:!Proposal.Final ?><?cs call:form_hidden() ?><?cs /if ?><div class="facts stack"><fieldset><legend>您的决定<?cs call:wrong("decision") ?></legend><?cs if:!Proposal.Blocked ?><label class="pick"><input type="radio" name="decision" value="approve" id="f-decision"<?cs if:Field.decision == "approve" ?> checked<?cs /if ?>>同意，<?cs var:Proposal.Kind ?></label><?cs /if ?><label class="pick"><input type="radio" name="decision" value="refuse"<?cs if:Proposal.Blocked ?> id="f-decision"<?cs /if ?><?cs if:Field.decision == "refuse" ?> checked<?cs /if ?>>不同意</label></fieldset>
<label for="f-text">决定意见（不同意的必须填写）<?cs call:wrong("text") ?></label><input id="f-text" name="text" value="<?cs var:Field.text ?>" maxlength="300" autocomplete="off"></div>
<div class="actions"><button class="button"><?cs if:Proposal.Final ?>继续<?cs else ?>作出决定<?cs /if ?></button></div></form>
<?cs /def ?><?cs

# Of one that is carried out batch by batch. ?><?cs
def:carried_out() ?><p role="status"><progress max="<?cs var:Proposal.Count ?>" value="<?cs var:Proposal.Progress.Dealt ?>"></progress> 已办理 <?cs var:Proposal.Progress.Done ?> 本，共 <?cs var:Proposal.Count ?> 本<?cs if:Proposal.Progress.Failed > #0 ?>，没有办理 <?cs var:Proposal.Progress.Failed ?> 本<?cs /if ?></p>
<?cs if:Proposal.Running ?><p>决定已经作出，正在后台逐批执行，可以关闭浏览器，之后在本页查看结果。</p>
<?cs elif:Proposal.Progress.Failed > #0 ?><p class="note bad">有 <?cs var:Proposal.Progress.Failed ?> 本证书没有办理，原因见下表。原因消除后，有决定权限的人员可以只重新办理这些证书；须作其他处理的，请另行提请。</p>
<?cs if:Proposal.May.Retry ?><form method="post" action="/staff/proposals/<?cs var:Proposal.Number ?>/retry" class="actions"><?cs call:form_hidden() ?><button class="button">重新办理失败的证书</button></form>
<?cs /if ?><?cs else ?><p>全部证书已经办理。</p>
<?cs /if ?><?cs /def ?><?cs

def:many() ?><?cs if:?Failed.Certificates.0.Id ?><?cs call:proposal_certificates("没有办理的证书", Failed.Certificates) ?><?cs /if ?><?cs call:proposal_certificates("涉及的证书（共 " + Proposal.Count + " 本，分页列出）", Proposal.Certificates) ?><?cs call:pages(First, Next) ?><p class="actions"><a class="button plain" href="/staff/proposals/<?cs var:Proposal.Number ?>/certificates">下载证书清单（CSV）</a></p>
<?cs if:Proposal.State == "waiting" ?><p class="quiet">涉及的证书超过 500 本：决定之后在后台逐批执行。执行之前情况已经变化的证书单独列出原因，不影响其他证书。</p>
<?cs /if ?><?cs /def ?><?cs

def:withdraw() ?><h2>撤回</h2>
<p>这是您提请的，须由另一人决定。在决定之前可以撤回。</p>
<form method="post" action="/staff/proposals/<?cs var:Proposal.Number ?>/withdraw" class="actions"><?cs call:form_hidden() ?><button class="button plain">撤回提请</button></form>
<?cs /def ?><?cs

def:content() ?><p class="back"><a href="/staff/proposals/">返回提请与决定</a></p>
<?cs call:error_summary() ?><div id="live"<?cs if:Proposal.Running ?> data-poll<?cs /if ?>><div class="panel<?cs var:Tone ?>"><h1><?cs var:Proposal.Kind ?>：<?cs var:Proposal.Label ?></h1>
<p>事项编号<br><b><?cs var:Proposal.Number ?></b></p></div>
<?cs if:Proposal.Spread && Proposal.State == "applied" ?><?cs call:carried_out() ?><?cs /if ?><?cs if:Proposal.Overdue ?><p class="note bad">已超过决定期限 <?cs var:Proposal.Deadline ?>，请尽快决定。</p>
<?cs /if ?><?cs call:proposal_refusals(Proposal.Refusals) ?><dl class="facts"><?cs if:Proposal.Subject ?><?cs call:fact("对象", Proposal.Subject) ?><?cs /if ?><?cs call:proposal_basis(Proposal) ?><div><dt>提请<dd><?cs var:Proposal.Proposer ?>，<?cs var:Proposal.Proposed ?></div>
<?cs call:fact("决定期限", Proposal.Deadline) ?><?cs if:Proposal.Decided ?><div><dt><?cs if:Proposal.State == "withdrawn" ?>撤回<?cs else ?>决定<?cs /if ?><dd><?cs if:Proposal.Decider ?><?cs var:Proposal.Decider ?>，<?cs /if ?><?cs var:Proposal.Decided ?></div>
<?cs if:Proposal.Text ?><?cs call:fact("决定意见", Proposal.Text) ?><?cs /if ?><?cs /if ?></dl>
<?cs call:proposal_photos(Proposal) ?><?cs call:proposal_rows(Proposal.Rows) ?><?cs if:Proposal.Person ?><p><a href="/staff/people/<?cs var:Proposal.Person ?>">查看该人员</a></p>
<?cs /if ?><?cs if:?Papers.0.Name ?><table class="list data"><caption>材料</caption>
<thead><tr><th scope="col">材料<th scope="col">扫描件<th scope="col">提交
<tbody>
<?cs each:one = Papers ?><tr><th scope="row" class="wrap"><?cs var:one.Label ?><td data-as="扫描件"><?cs if:one.Link ?><a href="<?cs var:one.Link ?>"><?cs var:one.Name ?></a><?cs else ?><?cs var:one.Name ?><?cs /if ?>（<?cs var:one.Pages ?> 页）<td data-as="提交"><?cs var:one.By ?><br><?cs var:one.At ?>
<?cs /each ?></table>
<?cs /if ?><?cs if:Proposal.Spread ?><?cs call:many() ?><?cs else ?><?cs call:proposal_certificates("涉及的证书", Proposal.Certificates) ?><?cs /if ?><?cs if:Proposal.May.Decide ?><?cs call:decide() ?><?cs elif:Proposal.Namesake ?><p class="note">提请人与您同名。一项提请须由两人办理，请由另一位工作人员决定。</p>
<?cs /if ?><?cs if:Proposal.May.Withdraw ?><?cs call:withdraw() ?><?cs /if ?></div>
<?cs /def ?><?cs include:"layout.cs" ?>
