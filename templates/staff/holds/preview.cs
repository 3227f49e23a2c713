<?cs include:"macros.cs" ?><?cs include:"_proposal.cs" ?><?cs set:Title = "核对锁定提请" ?><?cs
def:answers() ?><input type="hidden" name="<?cs var:Whom.Field ?>" value="<?cs var:Whom.Id ?>"><input type="hidden" name="basis" value="<?cs var:Field.basis ?>"><input type="hidden" name="reason" value="<?cs var:Field.reason ?>"><input type="hidden" name="from" value="<?cs var:Field.from ?>"><input type="hidden" name="until" value="<?cs var:Field.until ?>"><?cs /def ?><?cs
def:again() ?><form method="post" action="/staff/holds/again"><?cs call:form_csrf() ?><?cs call:answers() ?><button class="button plain">返回修改</button></form><?cs /def ?><?cs
def:content() ?><p class="back"><a href="/staff/holds/">返回锁定</a></p>
<h1>核对锁定提请</h1>
<?cs call:proposal_refusals(Proposal.Refusals) ?><dl class="facts"><div><dt>锁定对象<dd><?cs var:Whom.Kind ?>　<?cs var:Whom.Name ?>（<?cs var:Whom.Document ?>）</div>
<?cs call:proposal_basis(Proposal) ?><?cs call:fact("决定期限", Proposal.Deadline) ?></dl>
<?cs if:subcount(Proposal.Refusals) == #0 ?><p>决定之后，企业不能为该对象办理换领、申领、变更、注销和离沪，直到锁定期满或者解除。</p>
<div class="actions"><form method="post" action="/staff/holds/"><?cs call:form_hidden() ?><?cs call:answers() ?><button class="button">提请锁定</button></form><?cs call:again() ?><a href="/staff/holds/">取消</a></div>
<?cs else ?><div class="actions"><?cs call:again() ?><a href="/staff/holds/">取消</a></div>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
