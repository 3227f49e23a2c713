<?cs include:"macros.cs" ?><?cs include:"_papers.cs" ?><?cs set:Title = "更正证书信息：" + Certificate.Number ?><?cs
def:day(name, label, now, value) ?><label for="f-<?cs var:name ?>"><?cs var:label ?>（现为 <?cs var:now ?>）<?cs call:wrong(name) ?></label><input type="date" id="f-<?cs var:name ?>" name="<?cs var:name ?>" value="<?cs var:value ?>">
<?cs /def ?><?cs
def:content() ?><p class="back"><a href="/staff/corrections/new">返回查找</a></p>
<?cs call:error_summary() ?><h1>更正证书信息</h1>
<dl class="facts"><?cs call:fact("证书编号", Certificate.Number) ?><?cs call:fact("姓名", Certificate.Name) ?><?cs call:fact("类别", Certificate.Class) ?><?cs call:fact("企业名称", Certificate.Enterprise) ?><div><dt>证书状态<dd><?cs call:state(Certificate) ?></div></dl>
<p class="lead">只填写要更正的内容，没有填写的不变。企业有变的，由企业办理隶属关系变更或名称变更。</p>
<form method="post" action="/staff/corrections/certificates/<?cs var:Certificate.Id ?>" enctype="multipart/form-data"><?cs call:form_csrf() ?><div class="facts stack">
<?cs if:?Posts.0.Code ?><label for="f-post">职务（现为<?cs var:Certificate.Post ?>）<?cs call:wrong("post") ?></label><select id="f-post" name="post"><option value="">不变<?cs each:one = Posts ?><option value="<?cs var:one.Code ?>"<?cs if:one.Code == Field.post ?> selected<?cs /if ?>><?cs var:one.Label ?><?cs /each ?></select>
<?cs else ?><p id="f-post" tabindex="-1">职务：<?cs var:Certificate.Post ?>（不能更正）<?cs call:wrong("post") ?></p>
<?cs /if ?><?cs call:day("first_issued", "初次领证日期", Certificate.FirstIssued, Field.first_issued) ?><?cs call:day("valid_from", "有效期（起）", Certificate.From, Field.valid_from) ?><?cs call:day("valid_until", "有效期（止）", Certificate.Until, Field.valid_until) ?><?cs call:day("held_since", "进入本企业日期", Certificate.HeldSince, Field.held_since) ?><label for="f-reason">更正原因（企业可以看到）<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required></div>
<?cs call:papers_fields() ?><div class="actions"><button class="button">核对</button><a class="button plain" href="/staff/corrections/">返回</a></div></form>
<?cs /def ?><?cs include:"layout.cs" ?>
