<?cs include:"macros.cs" ?><?cs set:Title = "提请解除锁定" ?><?cs def:content() ?><p class="back"><a href="/staff/holds/">返回锁定</a></p>
<?cs call:error_summary() ?><h1>提请解除锁定</h1>
<dl class="facts"><div><dt>锁定对象<dd><?cs var:Whom.Kind ?>　<?cs var:Whom.Name ?>（<?cs var:Whom.Document ?>）</div>
<div><dt>锁定期<dd><?cs var:Hold.From ?> 起<?cs if:Hold.Until ?>，至 <?cs var:Hold.Until ?><?cs /if ?></div>
<?cs call:fact("锁定依据", Hold.Basis) ?><?cs call:fact("锁定原因", Hold.Reason) ?><div><dt>锁定事项<dd><a href="/staff/proposals/<?cs var:Hold.Number ?>"><?cs var:Hold.Number ?></a></div></dl>
<form method="post" action="/staff/holds/release"><?cs call:form_hidden() ?><input type="hidden" name="<?cs var:Whom.Field ?>" value="<?cs var:Whom.Id ?>"><div class="facts stack"><label for="f-basis">解除的依据<?cs call:wrong("basis") ?></label><input id="f-basis" name="basis" value="<?cs var:Field.basis ?>" maxlength="120" autocomplete="off" required>
<label for="f-reason">解除的原因<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required></div>
<div class="actions"><button class="button">提请解除锁定</button><a class="button plain" href="/staff/holds/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
