<?cs include:"macros.cs" ?><?cs set:Title = Certificate.Number ?><?cs def:content() ?><p class="back"><a href="/certificates/">返回三类人员电子证书查询</a></p>
<div class="head"><h1><?cs var:Certificate.Name ?>　<?cs call:state(Certificate) ?></h1><?cs if:Certificate.Ready ?><a class="button" href="/certificates/<?cs var:Certificate.Id ?>/document">查看并下载</a><?cs /if ?></div>
<?cs if:Certificate.Generation == #3 ?><p class="note bad">电子证书未能生成。证书编号已保留，无需重新申请；请联系管理部门处理，并说明证书编号。<?cs if:Certificate.Cause ?><br>失败原因：<?cs var:Certificate.Cause ?>。<?cs /if ?></p>
<?cs elif:Certificate.Generation < #2 ?><p class="note">电子证书<?cs var:Certificate.Document ?>，完成后即可查看并下载。<?cs if:Certificate.Job > #0 ?><a href="/jobs/<?cs var:Certificate.Job ?>">查看进度</a><?cs /if ?></p>
<?cs elif:Certificate.State != "01" ?><p class="note">证书当前状态为“<?cs var:Certificate.Label ?>”，不能下载。</p>
<?cs /if ?><?cs if:Certificate.Ahead ?><p class="note">已在到期前办理延期：原有效期届满之前持续有效，新的有效期自 <?cs var:Certificate.From ?> 起。</p>
<?cs /if ?><section class="sheet"><h2 class="hide">证书信息</h2>
<?cs if:Certificate.Photo ?><img src="/certificates/<?cs var:Certificate.Id ?>/photo" alt="<?cs var:Certificate.Name ?>的照片" width="105" height="140">
<?cs /if ?><dl>
<?cs call:fact("证书编号", Certificate.Number) ?><?cs call:fact("类别", Certificate.Class) ?><?cs call:fact("企业名称", Certificate.Enterprise) ?><?cs call:fact("职务", Certificate.Post) ?><?cs call:fact("初次领证日期", Certificate.FirstIssued) ?><?cs call:term(Certificate.From, Certificate.Until) ?><?cs call:fact("发证机关", Certificate.Issuer) ?><?cs call:fact("发证日期", Certificate.IssuedOn) ?><?cs call:fact("进入本企业日期", Certificate.HeldSince) ?><div><dt>生成状态<dd><?cs call:generation(Certificate.Generation, Certificate.Document) ?></div>
<div><dt>电子证照标识<dd class="id"><?cs var:Certificate.Identifier ?></div>
<div><dt>公开核验<dd><a href="/verify/<?cs var:Certificate.Token ?>">打开核验页面</a></div>
</dl></section>
<?cs if:?Events.0.At ?><table class="list data"><caption>办理记录</caption>
<thead><tr><th scope="col">时间<th scope="col">状态<th scope="col">版本<th scope="col">事项<th scope="col">说明
<tbody>
<?cs each:event = Events ?><tr><th scope="row"><?cs var:event.At ?><td data-as="状态"><?cs call:state(event) ?><td data-as="版本"><?cs var:event.Version ?><td data-as="事项"><?cs if:event.Matter ?><?cs var:event.Item ?><br><span class="keep"><?cs if:event.Open ?><a href="/matters/<?cs var:event.Matter ?>"><?cs var:event.Matter ?></a><?cs else ?><?cs var:event.Matter ?><?cs /if ?></span><?cs /if ?><td data-as="说明"><?cs var:event.Reason ?><?cs if:event.Void ?><?cs if:event.Reason ?><br><?cs /if ?><a href="/certificates/<?cs var:Certificate.Id ?>/versions/<?cs var:event.Version ?>/document">查看已作废版本</a><?cs /if ?></td>
<?cs /each ?></table>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
